"""Models on the device: manifests, backends, preprocessing, decoding."""
