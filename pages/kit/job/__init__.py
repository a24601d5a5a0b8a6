"""One job, as several pages draw it: its phases, and what its hosts did."""
