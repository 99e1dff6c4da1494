// The store, for every component that shows something of it.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ConsoleStore } from '../store/console-store.ts';

export const StoreContext = createContext<ConsoleStore | undefined>(undefined);

export function useStore(): ConsoleStore {
  const store = useContext(StoreContext);
  if (!store) throw new Error('no store above this component');
  return store;
}
