"""The report: runs `kir`, keeps what it answers as JSON, and makes one HTML and one Markdown page of it."""
