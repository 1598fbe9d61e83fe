"""What customers are told by themselves, by SMS and e-mail: invoices, payment dates, outages; never advertising."""
