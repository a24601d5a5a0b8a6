"""Training plans: capacity that an account has reserved and paid upfront, as observed."""
