import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  server: {
    strictPort: true,
    // The page is asked for under whatever name the Docker host has.
    allowedHosts: true,
    // Changes in a bind mount from macOS or Windows do not always come as events: then set POLL=1.
    watch: process.env.POLL ? { usePolling: true, interval: 300 } : undefined,
  },
});
