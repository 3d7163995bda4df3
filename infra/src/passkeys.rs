//! Passkeys: the ceremonies of Web Authentication, by `webauthn_rp`.
//!
//! It checks challenge, origin, relying party, signature, counter and that the person was verified. What is stored are its own
//! forms of the public key and of what changes with use.

use voxpark_domain::identity::passkey::{Authenticators, NewKey, Passkey, Question};
use voxpark_domain::ids::{Id as _, UserId};
use voxpark_domain::{Error, Refusal, RefusalCode, Result};
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle, Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
};

/// Bytes of a user's id, by which a device knows whose a passkey is.
const HANDLE: usize = 16;
/// The longest answer of a browser that is looked at, bytes.
const MOST: usize = 16 * 1024;

type Fixed = StaticState<CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>>;

/// The relying party at one public address.
#[derive(Debug)]
pub struct RelyingParty {
    /// The address as browsers write it, and the name behind it; none where there can be no passkeys.
    place: Option<(String, RpId)>,
}

fn wrong(why: impl std::fmt::Debug) -> Error {
    // What does not fit is told to the log alone, and without what was sent.
    tracing::info!(?why, "a passkey's answer is refused");
    Refusal::new(RefusalCode::Invalid, "passkey-wrong").into()
}

fn broken(why: impl std::fmt::Debug) -> Error {
    Error::internal(format!("passkey: {why:?}"))
}

impl RelyingParty {
    /// At `public_url`, without a slash at its end. Passkeys belong to a name, so there are none at a bare address, and none
    /// over plain HTTP but on this machine.
    pub fn new(public_url: &str) -> Self {
        let (scheme, authority) = public_url.split_once("://").unwrap_or_default();
        let host = authority.split(':').next().unwrap_or_default();
        let safe = scheme == "https" || host == "localhost" || host.ends_with(".localhost");
        let named = host.bytes().any(|b| b.is_ascii_alphabetic()) && !authority.starts_with('[');
        // Browsers leave the usual port out of an origin.
        let origin = public_url.to_ascii_lowercase();
        let usual = if scheme == "https" { ":443" } else { ":80" };
        let origin = origin.strip_suffix(usual).unwrap_or(&origin).to_owned();
        let domain = (safe && named).then(|| AsciiDomain::try_from(host.to_owned()).ok()).flatten();
        Self { place: domain.map(|domain| (origin, RpId::Domain(domain))) }
    }

    fn place(&self) -> Result<(&str, &RpId)> {
        let place = self.place.as_ref().map(|(origin, id)| (origin.as_str(), id));
        place.ok_or_else(|| Refusal::new(RefusalCode::State, "passkey-unavailable").into())
    }
}

fn handle(user: UserId) -> Result<UserHandle<HANDLE>> {
    UserHandle::decode(*user.uuid().as_bytes()).map_err(broken)
}

fn question(options: impl serde::Serialize, state: Vec<u8>) -> Result<Question> {
    Ok(Question { options: serde_json::to_string(&options).map_err(Error::internal)?, state })
}

fn short(answer: &str) -> Result<&[u8]> {
    if answer.len() <= MOST { Ok(answer.as_bytes()) } else { Err(wrong("too long")) }
}

impl Authenticators for RelyingParty {
    fn available(&self) -> bool {
        self.place.is_some()
    }

    fn ask_new(&self, user: UserId, account: &str, name: &str, known: &[Passkey]) -> Result<Question> {
        let (_, rp) = self.place()?;
        let handle = handle(user)?;
        let mut entity = PublicKeyCredentialUserEntity::from(&handle);
        // What a device shows when it asks which account is meant.
        if let Ok(account) = Username::try_from(account) {
            entity.name = account;
        }
        entity.display_name = Nickname::try_from(name).ok();
        let describe = |p: &Passkey| {
            let id = CredentialId::decode(p.credential.clone()).ok()?;
            // How it is reached is the browser's to find out.
            Some(PublicKeyCredentialDescriptor { id, transports: AuthTransports::decode(0).ok()? })
        };
        let known = known.iter().filter_map(describe).collect();
        let mut options = PublicKeyCredentialCreationOptions::passkey(rp, entity, known);
        // Most built-in devices know no such policy and would refuse; that the person is verified is checked here anyway.
        options.extensions.cred_protect = CredProtect::None;
        let (server, client) = options.start_ceremony().map_err(broken)?;
        question(client, server.encode().map_err(broken)?)
    }

    fn take_new(&self, state: &[u8], answer: &str) -> Result<NewKey> {
        let (origin, rp) = self.place()?;
        let state = RegistrationServerState::<HANDLE>::decode(state).map_err(broken)?;
        let answer = Registration::from_json_relaxed(short(answer)?).map_err(|_| wrong("not readable"))?;
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &[origin],
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = state.verify(rp, &answer, &options).map_err(wrong)?;
        Ok(NewKey {
            credential: made.id().as_ref().to_vec(),
            fixed: made.static_state().encode().map_err(broken)?,
            moving: made.dynamic_state().encode().map_err(broken)?.to_vec(),
        })
    }

    fn ask(&self) -> Result<Question> {
        let (_, rp) = self.place()?;
        let (server, client) = DiscoverableCredentialRequestOptions::passkey(rp).start_ceremony().map_err(broken)?;
        question(client, server.encode().map_err(broken)?)
    }

    fn named(&self, answer: &str) -> Result<(Vec<u8>, UserId)> {
        let answer = read(answer)?;
        let handle = answer.response().user_handle().encode().map_err(broken)?;
        let user = UserId::from_uuid(uuid::Uuid::from_bytes(handle));
        Ok((answer.raw_id().as_ref().to_vec(), user))
    }

    fn check(&self, state: &[u8], answer: &str, passkey: &Passkey) -> Result<Vec<u8>> {
        let (origin, rp) = self.place()?;
        let state = DiscoverableAuthenticationServerState::decode(state).map_err(broken)?;
        let answer = read(answer)?;
        let handle = handle(passkey.user)?;
        let id = CredentialId::<&[u8]>::decode(&passkey.credential).map_err(broken)?;
        let fixed = Fixed::decode(&passkey.fixed).map_err(broken)?;
        let moving: [u8; 7] = passkey.moving.as_slice().try_into().map_err(broken)?;
        let moving = DynamicState::decode(moving).map_err(broken)?;
        let mut credential = AuthenticatedCredential::new(id, &handle, fixed, moving).map_err(broken)?;
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &[origin],
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        state.verify(rp, &answer, &mut credential, &options).map_err(wrong)?;
        Ok(credential.dynamic_state().encode().map_err(broken)?.to_vec())
    }
}

fn read(answer: &str) -> Result<DiscoverableAuthentication<HANDLE>> {
    DiscoverableAuthentication::from_json_relaxed(short(answer)?).map_err(|_| wrong("not readable"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_names() {
        for (url, origin) in [
            ("https://Park.example", Some("https://park.example")),
            ("https://park.example:443", Some("https://park.example")),
            ("https://park.example:8443", Some("https://park.example:8443")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://park.example", None),
            ("http://127.0.0.1:8080", None),
            ("https://192.0.2.1", None),
            ("https://[2001:db8::1]", None),
        ] {
            let place = RelyingParty::new(url).place;
            assert_eq!(place.as_ref().map(|p| p.0.as_str()), origin, "{url}");
        }
    }
}
