"""How Spanloom is deployed and tried: samples for Istio and a mesh of real Envoys."""
