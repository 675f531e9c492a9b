import { migration } from '@interlock/chassis/db';

/**
 * A row may lose what it is found by and nothing else: its subject stays or goes. An approver could be erased only where the subject went too, so a
 * company that asked for its own approver was answered with a fault.
 */
export const approversAreErased = migration(
  '0380-approvers-are-erased',
  `
  drop trigger entry_is_only_erased on entry;
  create trigger entry_is_only_erased before update of subject, labels on entry for each row
    when ((new.subject is not null and new.subject is distinct from old.subject) or not (new.labels <@ old.labels))
    execute function refuse_change();
`,
);
