"""What a helpdesk needs to tell Tenure of its follow-ups and to show Tenure's flag: one app of a few lines."""
