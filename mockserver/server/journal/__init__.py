"""What was asked and answered: kept per sandbox, bounded, looked at afterwards."""
