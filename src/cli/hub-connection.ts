import { type HubLink, type HubLinkOptions, openHubLink } from '../runtime/hub-link.ts';
import { registerProject } from '../runtime/projects.ts';
import { startHub } from './start-hub.ts';

type Place = Pick<HubLinkOptions, 'home' | 'sessionsDirectory' | 'log'>;

/** Makes the hub find this session's directory, and connects the session to it; starts a hub when none runs. */
export function connectToHub(options: Omit<HubLinkOptions, 'startHub'>): HubLink {
  register(options);
  return openHubLink({ ...options, startHub: () => start(options) });
}

/** Starts a hub for what a session leaves behind, without waiting for it. */
export function leaveToHub(place: Place): void {
  register(place);
  start(place);
}

function register({ home, sessionsDirectory, log }: Place): void {
  try {
    registerProject(home, sessionsDirectory);
  } catch (error) {
    // A hub that is connected learns the directory from the link itself.
    log.error(
      { home, error: String(error) },
      'the project could not be registered: a hub that starts later will not find it',
    );
  }
}

function start({ home, log }: Place): void {
  startHub(home, (error) => log.error({ error: String(error) }, 'no hub could be started'));
}
