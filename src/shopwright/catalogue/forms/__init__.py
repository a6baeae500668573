"""Tables of products in the forms that shops export: from files to rows."""
