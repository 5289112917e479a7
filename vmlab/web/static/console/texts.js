// What the console page says, in the reader's language.
const TEXTS = {
  en: {
    connecting: "Connecting…",
    connected: "Connected",
    ended: "The session has ended",
    refused: "This address has been used already or is too old",
    view: "Watching only",
    again: "Connect again",
    fullScreen: "Full screen",
    username: "User name",
    password: "Password",
    signIn: "Sign in",
    signInFirst: "Sign in to open this screen",
  },
  zh: {
    connecting: "正在连接…",
    connected: "已连接",
    ended: "会话已结束",
    refused: "此地址已使用过或已过期",
    view: "仅观看",
    again: "重新连接",
    fullScreen: "全屏",
    username: "用户名",
    password: "密码",
    signIn: "登录",
    signInFirst: "请先登录以打开此屏幕",
  },
};

export const language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
export const text = TEXTS[language];
