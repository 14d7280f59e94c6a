"""From a folder of samples to the formats of other tools, and what each of them cannot carry."""
