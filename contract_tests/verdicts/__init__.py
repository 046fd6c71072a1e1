"""What a run found, and how it is told.

verdict (one per test, and the run's), findings (what a test's end says), settings, judge (where tests run) and plugin
(where their verdicts are collected), tally (what they add up to), operations (which operation an exchange was),
deviations (failures that are known), evidence (exchanges, redacted), bundle, curl and again (what a failure leaves
behind), written (JSON), junit, terminal, progress and html (for people), reports (where these go), wording (texts made
fit for them).
"""
