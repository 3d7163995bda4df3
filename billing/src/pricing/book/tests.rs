//! Books that hold and books that do not.
