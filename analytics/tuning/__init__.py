"""Tuning loops: what rounds of parallel jobs take and cost, cold and on warm pools."""
