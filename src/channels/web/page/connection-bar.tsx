import { connection, LOCKED_WORDS } from './hub.ts';
import { useValue } from './value.ts';

/** Says at the foot of the window, over what is there, that the page does not hear the hub. */
export function ConnectionBar() {
  const { state } = useValue(connection);
  const words = state === 'lost' ? 'Connection to the hub lost, trying again …' : LOCKED_WORDS;
  const shown = state === 'lost' || state === 'locked';
  return (
    <div class="connection-bar" role="status" data-state={state}>
      {shown && <p>{words}</p>}
    </div>
  );
}
