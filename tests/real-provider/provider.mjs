// A certified OpenID Connect provider for the test `oidc::a_real_provider`: one account, which signs in by itself.
import Provider from "oidc-provider";

const port = Number(process.argv[2]);
const issuer = `http://localhost:${port}`;
const account = { accountId: "a1", claims: () => ({ sub: "a1", email: "a1@example.test", email_verified: true, name: "a1" }) };
const provider = new Provider(issuer, {
  clients: [{ client_id: "voxpark tests", client_secret: "s e/cret:1", redirect_uris: ["http://localhost:1/sign-in/back"],
    grant_types: ["authorization_code"], response_types: ["code"] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["only for tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: () => account,
});
const answer = provider.callback();
(await import("node:http")).createServer(async (req, res) => {
  if (!req.url.startsWith("/interaction/")) return answer(req, res);
  // Signs in, then consents to whatever is asked.
  const { prompt, params, session } = await provider.interactionDetails(req, res);
  if (prompt.name === "login") return provider.interactionFinished(req, res, { login: { accountId: "a1" } });
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}).listen(port, "127.0.0.1", () => console.log(issuer));
