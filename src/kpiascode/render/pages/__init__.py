"""One module for each kind of page: what it shows, as a frozen value. The templates only print it."""
