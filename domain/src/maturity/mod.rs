//! Maturity: frameworks as data, assessments, and the level with its explanation.
