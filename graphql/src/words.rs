//! Words of the API in every language: messages of rules and names of fixed values. A test holds the languages equal.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use voxpark_domain::ctx::Lang;
use voxpark_domain::error::Arg;

type Bundle = FluentBundle<FluentResource>;

/// The catalogues as they are shipped.
pub const CATALOGUES: [(Lang, &str); 2] =
    [(Lang::Zh, include_str!("../locales/zh-CN.ftl")), (Lang::En, include_str!("../locales/en.ftl"))];

static BUNDLES: LazyLock<Vec<(Lang, Bundle)>> = LazyLock::new(|| {
    let build = |(lang, text): (Lang, &str)| {
        let id = if lang == Lang::En { unic_langid::langid!("en") } else { unic_langid::langid!("zh-CN") };
        let mut bundle = Bundle::new_concurrent(vec![id]);
        bundle.set_use_isolating(false);
        // A broken line would only lose itself; the tests refuse a catalogue with one.
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(good, _)| good);
        let _ = bundle.add_resource(resource);
        (lang, bundle)
    };
    CATALOGUES.into_iter().map(build).collect()
});

/// The message of a rule. An unknown one shows its id rather than nothing.
pub fn message(lang: Lang, id: &str, args: &[(&'static str, Arg)]) -> String {
    filled(lang, id, args.iter().map(|(name, value)| (*name, value)))
}

/// The message of a rule that was kept with its arguments.
pub fn kept(lang: Lang, id: &str, args: &[(String, Arg)]) -> String {
    filled(lang, id, args.iter().map(|(name, value)| (name.as_str(), value)))
}

fn filled<'a>(lang: Lang, id: &str, args: impl Iterator<Item = (&'a str, &'a Arg)>) -> String {
    let Some((_, bundle)) = BUNDLES.iter().find(|b| b.0 == lang) else { return id.to_owned() };
    let Some(pattern) = bundle.get_message(id).and_then(|m| m.value()) else { return id.to_owned() };
    let mut values = FluentArgs::new();
    for (name, value) in args {
        match value {
            Arg::Number(n) => values.set(name, FluentValue::from(n.to_string())),
            Arg::Text(text) => values.set(name, text.as_str()),
        }
    }
    bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
}
