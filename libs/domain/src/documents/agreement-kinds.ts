export type PartyRole = 'vendor' | 'buyer' | 'third-party';
export type GrantKind = 'remote-service' | 'data-collection' | 'machine-to-machine';
export type ResourceClass = 'standard' | 'critical' | 'safety';
export type OfflineMode = 'closed' | 'static';
export type AccessKind = 'remote-service' | 'machine-to-machine';
