package media

// Version changes whenever the same bytes could give other facts or signals;
// facts kept from another version are read again.
const Version = "1"
