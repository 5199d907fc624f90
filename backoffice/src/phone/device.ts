/** Whether this page is itself on a phone: then nothing has to be scanned (RFC 10027: what crosses devices is not for one). */
interface Hints {
  readonly userAgentData?: { readonly mobile: boolean }
}

export const onPhone = ({ userAgent, userAgentData }: Pick<Navigator, 'userAgent'> & Hints = navigator): boolean =>
  userAgentData?.mobile ?? /Android.*Mobile|iPhone|iPod/.test(userAgent)
