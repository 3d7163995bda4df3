//! Staffing mathematics: how many agents an interval needs. Decides nothing about people or rosters.
