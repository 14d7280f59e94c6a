"""From labels that people reviewed to how right labels of a score are."""
