//! Catalogue audit.
