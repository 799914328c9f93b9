"""Cases for walking along rays: points at depths, the marcher's weights, and scenes to march in."""
