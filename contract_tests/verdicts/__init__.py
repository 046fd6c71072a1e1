"""What a run found, and how it is told.

verdict (one per test, and the run's), findings (what a test's end says), plugin (collects, under xdist too), tally
(what the run adds up to), operations (which operation an exchange was), deviations (failures that are known), bundle,
curl and again (what a failure leaves behind), terminal, progress, junit, html and page (for people), written (JSON).
"""
