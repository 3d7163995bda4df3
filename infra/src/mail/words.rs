//! The words of letters, in both languages, as text and as HTML.

use std::fmt::Write as _;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use voxpark_domain::ctx::Lang;
use voxpark_domain::mail::{LetterKind, Outgoing};

/// The catalogues as they are shipped.
pub const CATALOGUES: [(Lang, &str); 2] =
    [(Lang::Zh, include_str!("../../locales/zh-CN.ftl")), (Lang::En, include_str!("../../locales/en.ftl"))];

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<Vec<(Lang, Bundle)>> = LazyLock::new(|| {
    let build = |(lang, text): (Lang, &str)| {
        let id = if lang == Lang::En { unic_langid::langid!("en") } else { unic_langid::langid!("zh-CN") };
        let mut bundle = Bundle::new_concurrent(vec![id]);
        bundle.set_use_isolating(false);
        // A broken line would only lose itself; the tests refuse a catalogue with one.
        let _ = bundle.add_resource(FluentResource::try_new(text.to_owned()).unwrap_or_else(|(good, _)| good));
        (lang, bundle)
    };
    CATALOGUES.into_iter().map(build).collect()
});

/// A letter in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

fn said(lang: Lang, id: &str, args: &FluentArgs<'_>) -> Option<String> {
    let (_, bundle) = BUNDLES.iter().find(|b| b.0 == lang)?;
    let pattern = bundle.get_message(id)?.value()?;
    Some(bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned())
}

/// Writes a letter. Its words are `<kind>-subject`, `-lead` and `-note`, with `-link` for the words on its link, which leads to
/// `path` below the public address of the installation.
pub fn write(letter: &Outgoing, public_url: &str) -> Written {
    let kind = letter.kind.name().replace('_', "-");
    let mut args = FluentArgs::new();
    for (name, value) in letter.facts.iter().filter(|(name, _)| *name != "path") {
        let value = match name.as_str() {
            "role" => {
                let id = format!("role-{}", value.replace('_', "-"));
                said(letter.lang, &id, &FluentArgs::new()).unwrap_or_else(|| value.clone())
            }
            "mode" | "change" | "act" | "turn" => {
                let id = format!("{name}-{}", value.replace('_', "-"));
                said(letter.lang, &id, &FluentArgs::new()).unwrap_or_else(|| value.clone())
            }
            _ => value.clone(),
        };
        args.set(name.as_str(), value);
    }
    let say = |part: &str| said(letter.lang, &format!("{kind}-{part}"), &args).unwrap_or_default();
    let common = |id: &str| said(letter.lang, id, &args).unwrap_or_default();
    let link = letter.facts.get("path").map(|path| (say("link"), format!("{public_url}{path}")));
    let (hello, lead, note, sign) = (common("hello"), say("lead"), say("note"), common("sign"));

    let mut text = format!("{hello}\n\n{lead}\n\n");
    let mut html = format!("<p>{}</p><p>{}</p>", escaped(&hello), escaped(&lead));
    if let Some((label, url)) = &link {
        let _ = write!(text, "{label}:\n{url}\n\n");
        let (label, url) = (escaped(label), escaped(url));
        let button = "display:inline-block;padding:10px 18px;border-radius:6px;background:#1f5fa8;color:#ffffff;text-decoration:none";
        let _ =
            write!(html, "<p><a href=\"{url}\" style=\"{button}\">{label}</a></p><p style=\"color:#5b6470\">{url}</p>");
    }
    let _ = write!(text, "{note}\n\n-- \n{sign}\n");
    let _ = write!(html, "<p>{}</p><hr><p style=\"color:#5b6470\">{}</p>", escaped(&note), escaped(&sign));
    let page = "font:15px/1.6 system-ui,'Noto Sans SC',sans-serif;color:#1c2126;max-width:560px;margin:24px auto;padding:0 16px";
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head><body style=\"{page}\">{html}</body></html>",
        letter.lang.tag(),
        escaped(&say("subject")),
    );
    Written { subject: say("subject"), text, html }
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, sign| {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
        out
    })
}

/// Every kind of letter, with facts for all of its places, for tests.
pub fn samples(lang: Lang) -> impl Iterator<Item = Outgoing> {
    LetterKind::ALL.iter().map(move |kind| {
        let mut facts = voxpark_domain::mail::Facts::new();
        for (name, value) in [
            ("park", "滨江 <Park>"),
            ("role", "tenant_manager"),
            ("days", "7"),
            ("minutes", "30"),
            ("device", "Firefox, Windows"),
            ("place", "华信客服"),
            ("operator", "运维"),
            ("reason", "数据库故障，需要查看"),
            ("until", "2026-11-21 12:00"),
            ("mode", "read"),
            ("change", "passkey-added"),
            ("number", "7"),
            ("act", "ask_back"),
            ("turn", "you"),
            ("month", "2026-10"),
            ("total", "1,485.21 CNY"),
            ("due", "2026-12-06"),
            ("of", "PA-2026-000001"),
        ] {
            facts.insert(name.to_owned(), value.to_owned());
        }
        if matches!(
            kind,
            LetterKind::Invitation
                | LetterKind::PasswordReset
                | LetterKind::Emergency
                | LetterKind::SeatRequest
                | LetterKind::PlatformInvoice
        ) {
            facts.insert("path".to_owned(), "/x?token=0a&b".to_owned());
        }
        Outgoing { kind: *kind, lang, to: "a@b".to_owned(), facts }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<(&str, Vec<&str>)> {
        let mut all: Vec<_> = text
            .lines()
            .filter(|l| !l.starts_with(['#', ' ']))
            .filter_map(|l| l.split_once(" = "))
            .map(|(id, message)| {
                let mut args: Vec<_> = message.split("{ $").skip(1).filter_map(|p| p.split(' ').next()).collect();
                args.sort_unstable();
                (id, args)
            })
            .collect();
        all.sort();
        all
    }

    #[test]
    fn both_languages_say_the_same_letters_whole() {
        let [(_, zh), (_, en)] = CATALOGUES;
        assert_eq!(keys(zh), keys(en));
        for lang in [Lang::Zh, Lang::En] {
            for letter in samples(lang) {
                let written = write(&letter, "https://park.example");
                for part in [&written.subject, &written.text, &written.html] {
                    assert!(!part.is_empty() && !part.contains("{ $") && !part.contains("{$"), "{letter:?}: {part}");
                }
                assert!(!written.text.contains("\n\n\n"), "a part of {:?} is missing: {}", letter.kind, written.text);
                assert!(written.text.contains("滨江 <Park>") && written.html.contains("滨江 &lt;Park&gt;"));
                if letter.facts.contains_key("path") {
                    assert!(written.text.contains("\nhttps://park.example/x?token=0a&b\n"));
                    assert!(written.html.contains("href=\"https://park.example/x?token=0a&amp;b\""));
                }
            }
        }
    }
}
