import './theme/tokens.css';
import './theme/base.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { followEvents } from './data/events.ts';
import { RequestError } from './data/request.ts';

const MAX_RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    mutations: { networkMode: 'always' },
    queries: {
      // A service on this machine answers without a network.
      networkMode: 'always',
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A refusal stays one; a service that restarts answers soon.
      retry: (failures, error) =>
        !(error instanceof RequestError && error.status >= 400 && error.status < 500) && failures < MAX_RETRIES,
    },
  },
});
followEvents(queries);

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
