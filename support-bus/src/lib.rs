//! Carries hints and signals between nodes.
