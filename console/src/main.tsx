// The console: one store, one tree of components.
import { render } from 'preact';
import { ConsoleStore } from './store/console-store.ts';
import { applyTheme } from './theme.ts';
import { App } from './view/app.tsx';
import { StoreContext } from './view/context.ts';

applyTheme();
const store = new ConsoleStore();
const place = document.getElementById('console');
if (!place) throw new Error('the document has no place for the console');
render(
  <StoreContext.Provider value={store}>
    <App />
  </StoreContext.Provider>,
  place,
);
void store.start();
