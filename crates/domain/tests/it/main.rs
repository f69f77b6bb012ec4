//! Properties of the rules of time, each compared with a slow model that walks every minute.

#[cfg(test)]
mod minute_model;
#[cfg(test)]
mod overlaps;
#[cfg(test)]
mod schedules;
#[cfg(test)]
mod starts;
