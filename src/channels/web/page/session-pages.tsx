// Loaded when somebody goes there: the inbox paints without it.
export { SessionPage } from './session-page.tsx';
export { SessionsPage } from './sessions-page.tsx';
