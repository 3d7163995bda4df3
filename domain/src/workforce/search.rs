//! The smallest number for which something holds that, once it holds, holds for every larger one.

/// The smallest `n >= floor` for which `holds`, asked first at `guess` and then in doubling steps away from it: near a
/// good guess that is two or three questions. The last question answered with yes is the one about the result.
/// `None` when nothing up to the largest `u32` holds.
pub(super) fn smallest(floor: u32, guess: u32, mut holds: impl FnMut(u32) -> bool) -> Option<u32> {
    let start = guess.max(floor);
    let (mut fails, mut good);
    let mut step = 1_u32;
    if holds(start) {
        good = start;
        loop {
            if good == floor {
                return Some(good);
            }
            let probe = good.saturating_sub(step).max(floor);
            if !holds(probe) {
                fails = probe;
                break;
            }
            good = probe;
            step = step.saturating_mul(2);
        }
    } else {
        fails = start;
        loop {
            if fails == u32::MAX {
                return None;
            }
            let probe = fails.saturating_add(step);
            if holds(probe) {
                good = probe;
                break;
            }
            fails = probe;
            step = step.saturating_mul(2);
        }
    }
    while good - fails > 1 {
        let middle = fails + (good - fails) / 2;
        if holds(middle) {
            good = middle;
        } else {
            fails = middle;
        }
    }
    Some(good)
}

#[cfg(test)]
mod tests {
    use super::smallest;

    #[test]
    fn finds_every_edge_from_every_guess() {
        for floor in [0, 1, 7] {
            for edge in floor..60 {
                for guess in 0..90 {
                    let mut last_yes = None;
                    let found = smallest(floor, guess, |n| {
                        if n >= edge {
                            last_yes = Some(n);
                        }
                        n >= edge
                    });
                    assert_eq!((found, last_yes), (Some(edge), Some(edge)), "floor {floor} guess {guess}");
                }
            }
        }
        assert_eq!(smallest(0, u32::MAX - 1, |n| n == u32::MAX), Some(u32::MAX));
        assert_eq!(smallest(0, 3, |_| false), None);
        let mut asked = 0;
        smallest(1, 1000, |n| {
            asked += 1;
            n >= 1000
        });
        assert_eq!(asked, 2, "a right guess costs two questions");
    }
}
