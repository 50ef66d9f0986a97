"""When the demo was loaded, and the months its sources speak of."""

import datetime as dt

from config.demo.calendar import at_time

TODAY = dt.date(2026, 11, 5)
NOW = at_time(TODAY, dt.time(16, 40))
OCTOBER = dt.date(2026, 10, 1)
SEPTEMBER = dt.date(2026, 9, 1)
ALTAY_MONTH = dt.date(2020, 12, 1)
