//! Pricing: seat-days of a period into exact invoice lines.
