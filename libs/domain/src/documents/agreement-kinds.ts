export type PartyRole = 'vendor' | 'buyer' | 'third-party';
export type GrantKind = 'remote-service' | 'data-collection' | 'machine-to-machine';
export type ResourceClass = 'standard' | 'critical' | 'safety';
/** `local` ends a use like `closed`; beside that, an approver who is present may activate a dormant grant at the gateway. */
export type OfflineMode = 'closed' | 'static' | 'local';
export type AccessKind = 'remote-service' | 'machine-to-machine';
