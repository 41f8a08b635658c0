"""How a report is shown: one value, several faces. Each is a pure function of report, transcript and rubric."""
