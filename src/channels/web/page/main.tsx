import { render } from 'preact';
import { App } from './app.tsx';
import { startInbox } from './inbox.ts';
import { listenToKeys } from './keyboard.ts';
import { followLinks } from './router.ts';

followLinks();
listenToKeys();
startInbox();
render(<App />, document.getElementById('app') as HTMLElement);
