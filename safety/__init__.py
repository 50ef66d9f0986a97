"""Safety registers: measures (四个100%), self-checks, hazards and incidents. No models yet."""
