"""Annual statistics (教育事业统计) as a register beside the monthly returns."""
