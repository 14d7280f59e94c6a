"""gleancam: decides, on the device, which camera frames are worth sending, and delivers them."""
