//! Amounts as payment processors write them.

use voxpark_domain::money::Money;
use voxpark_domain::{Refusal, RefusalCode};

use crate::pricing::Ratio;

/// How a processor differs from ISO 4217: facts of its interface, so data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processor {
    /// Currencies that it counts with other digits after the point than the standard.
    pub digits: &'static [(&'static str, u32)],
    /// Currencies of which it takes only multiples of so many of its units.
    pub steps: &'static [(&'static str, i64)],
}

impl Processor {
    /// Stripe (its page on supported currencies): ISK and UGX are whole units sent a hundredfold; amounts with three digits
    /// must end in 0.
    pub const STRIPE: Self = Self {
        digits: &[("ISK", 2), ("UGX", 2)],
        steps: &[("ISK", 100), ("UGX", 100), ("BHD", 10), ("JOD", 10), ("KWD", 10), ("OMR", 10), ("TND", 10)],
    };
}

/// The whole number that a processor is sent for an amount.
///
/// # Errors
/// `amount-not-collectable` when it is finer than the processor takes; `amount-out-of-range`.
pub fn processor_amount(processor: Processor, money: Money) -> Result<i64, Refusal> {
    let code = money.currency.code();
    let find = |list: &[(&str, u32)]| list.iter().find(|(c, _)| *c == code).map(|(_, digits)| *digits);
    let digits = find(processor.digits).unwrap_or_else(|| money.currency.exponent());
    let amount = Ratio::major(money)?.rounded(digits)?;
    let step = processor.steps.iter().find(|(c, _)| *c == code).map_or(1, |(_, step)| *step);
    if amount % step != 0 {
        return Err(Refusal::new(RefusalCode::Invalid, "amount-not-collectable")
            .with("amount", money.major())
            .with("currency", code));
    }
    Ok(amount)
}
