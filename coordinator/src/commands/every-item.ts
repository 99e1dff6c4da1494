// Lists of the API, which come in pages.
import { everyItem as readEveryItem } from '@blindsum/admin-client';
import { toRefusal } from './target.ts';

/** The same as that of the client; refuses as the coordinator does. */
export const everyItem: typeof readEveryItem = async (name, read) => {
  try {
    return await readEveryItem(name, read);
  } catch (error) {
    throw toRefusal(error);
  }
};
