"""Privacy: what is held on a person, told, erased or kept from being profiled, and for how long it is kept."""
